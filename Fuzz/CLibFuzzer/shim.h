#pragma once

#include <stddef.h>
#include <stdint.h>

// From compiler-rt's FuzzerInterface, which installs no header: reads libFuzzer's own options from the arguments, calls
// `check` with one input after the other, and returns the exit code. It ends the process itself when an input crashes.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*check)(const uint8_t *data, size_t size));
