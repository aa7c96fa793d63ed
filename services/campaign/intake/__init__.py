"""What neighbour systems tell: events stored at the door and handled step by step."""
