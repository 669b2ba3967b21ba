/** End the program with `code`, by semihosting. */
#ifndef HWC_SEMIHOSTING_H
#define HWC_SEMIHOSTING_H

void hwc_semihosting_exit(int code);

#endif
