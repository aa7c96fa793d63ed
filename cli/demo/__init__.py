"""The whole product on made-up contacts, from an empty folder to a report that is checked against the recipients."""
