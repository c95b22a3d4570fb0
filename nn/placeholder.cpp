namespace tapegrad {}
