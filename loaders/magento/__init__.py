"""Magento 2 as a target (REST `V1` and `async/bulk`): categories, products, texts, images, relations, prices."""

from loaders.magento.target import MagentoTarget

__all__ = ["MagentoTarget"]
