"""Messages to one person at a time that something in campaign brings about: rules, triggers, automations, referrals, follow-ups."""
