"""A module that imports relatively."""

from . import hidden_name as RELATIVE
from .. import VALUE as PARENT

NAME = "deep"
