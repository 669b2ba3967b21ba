#ifndef DENSE_NET_WEIGHTS_H
#define DENSE_NET_WEIGHTS_H

#include <stdint.h>

extern const int8_t dense_net_weight0[8][16];
extern const int32_t dense_net_bias0[8];
extern const int8_t dense_net_weight1[4][8];
extern const int32_t dense_net_bias1[4];

#endif
