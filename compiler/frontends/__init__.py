"""Read circuits into LOGICAL Programs."""
