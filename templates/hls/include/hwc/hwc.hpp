// The modules of a streaming design, a function template each. Those of rtl/lib have the same names and meaning.
#ifndef HWC_HPP
#define HWC_HPP

#include "edges.hpp"
#include "elementwise.hpp"
#include "lstm.hpp"
#include "mac.hpp"
#include "reduce.hpp"
#include "requant.hpp"
#include "softmax.hpp"
#include "spatial.hpp"
#include "stream.hpp"
#include "types.hpp"

#endif
