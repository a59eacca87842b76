"""How to talk to a Magento shop over REST; shared by the extractor that reads it and the loader that writes it."""
