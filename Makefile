# Names for those whose fingers type `make`; everything happens in ./connect.
.PHONY: run test check bench build

run test check bench build:
	./connect $@
