"""How the line's own recogniser model is made: from sentences to speech to a folder for Vosk."""
