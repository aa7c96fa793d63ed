"""What a campaign would come to, asked beforehand: nothing is sent and nothing stored."""
