"""What authors of templates keep as files, and the calls that bring it to campaign."""
