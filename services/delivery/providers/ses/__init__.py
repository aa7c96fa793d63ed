"""Amazon SES: e-mail by bulk requests of up to 50 recipients, events by signed notifications of SNS."""
