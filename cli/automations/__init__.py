"""What `angarium automations` needs: questions to campaign, files, and how things are shown."""
