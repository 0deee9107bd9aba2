"""What a running job was told by its servers, kept so that it goes on where it stopped. Pure: others store it."""
