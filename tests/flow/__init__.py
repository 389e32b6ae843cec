"""Tests of the engine, floor by floor."""
