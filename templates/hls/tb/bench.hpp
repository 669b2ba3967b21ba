// The parts of a bench: files of hexadecimal beats, streams that are compared with them, the verdict in lines of JSON.
//
// A file has a beat a line, lane 0 in the lowest bits. Messages: {"mismatch": ...} for the first difference of each
// stream in the order in which they are found, then {"verdict": "equal" | "different" | "unframed", ...}.
#ifndef HWC_BENCH_HPP
#define HWC_BENCH_HPP

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "hwc/types.hpp"

namespace bench {

struct arguments {
  std::string folder = "tb/vectors";
  std::string outputs;
  std::string image;
  int frames;

  arguments(int argc, char** argv, int default_frames) : frames(default_frames) {
    if (argc > 1) folder = argv[1];
    if (argc > 2) frames = std::atoi(argv[2]);
    if (argc > 3) outputs = argv[3];
    if (argc > 4) image = argv[4];
  }
};

inline int digit(char c) { return c <= '9' ? c - '0' : (c | 32) - 'a' + 10; }

// Lane `lane` of `bits` bits of a beat in hexadecimal, as two's complement where `is_signed`.
inline long long lane_of(const std::string& line, int lane, int bits, bool is_signed) {
  unsigned long long value = 0;
  for (int i = bits - 1; i >= 0; i--) {
    const int place = lane * bits + i;
    const int from_end = place / 4;
    const int size = static_cast<int>(line.size());
    const int nibble = from_end < size ? digit(line[static_cast<std::size_t>(size - 1 - from_end)]) : 0;
    value = value << 1 | ((nibble >> (place % 4)) & 1);
  }
  if (is_signed && bits < 64 && (value >> (bits - 1)) & 1) value |= ~0ULL << bits;
  return static_cast<long long>(value);
}

inline std::string hex_of(const std::vector<long long>& values, int bits) {
  const int digits = (bits * static_cast<int>(values.size()) + 3) / 4;
  std::string text(static_cast<std::size_t>(digits), '0');
  for (std::size_t lane = 0; lane < values.size(); lane++) {
    for (int i = 0; i < bits; i++) {
      if (!((static_cast<unsigned long long>(values[lane]) >> (i < 64 ? i : 63)) & 1)) continue;
      const int place = static_cast<int>(lane) * bits + i;
      char& c = text[static_cast<std::size_t>(digits - 1 - place / 4)];
      c = "0123456789abcdef"[digit(c) | 1 << (place % 4)];
    }
  }
  return text;
}

struct checked {
  const char* name;
  int bits;
  int lanes;
  int beats;
  bool is_signed;
};

// Compares beats with a file; without one they are not compared.
class checker {
 public:
  checker(const std::string& folder, const checked& stream, int index)
      : file_(folder + "/" + stream.name + ".hex"), stream_(stream), index_(index) {}

  void take(const long long* values, int count) {
    for (int i = 0; file_.is_open() && i < count; i += stream_.lanes) {
      std::string line;
      std::getline(file_, line);
      if (!is_different_ && !is_equal(line, values + i)) report(line, values + i);
      beat_++;
    }
  }

  bool is_different() const { return is_different_; }

 private:
  bool is_equal(const std::string& line, const long long* values) const {
    for (int lane = 0; lane < stream_.lanes; lane++) {
      if (lane_of(line, lane, stream_.bits, stream_.is_signed) != values[lane]) return false;
    }
    return true;
  }

  void report(const std::string& line, const long long* values) {
    static int found = 0;
    const std::vector<long long> got(values, values + stream_.lanes);
    const char* format = "HWC {\"mismatch\": {\"stream\": %d, \"beat\": %lld, \"expected\": \"%s\", \"got\": \"%s\", "
                         "\"time\": %d}}\n";
    std::printf(format, index_, beat_, line.c_str(), hex_of(got, stream_.bits).c_str(), found++);
    is_different_ = true;
  }

  std::ifstream file_;
  checked stream_;
  int index_;
  long long beat_ = 0;
  bool is_different_ = false;
};

// All streams inside of the design.
class comparison {
 public:
  void open(const std::string& folder, const checked* streams, std::size_t count) {
    for (std::size_t i = 0; i < count; i++) checkers_.emplace_back(folder, streams[i], static_cast<int>(i));
  }
  void take(int index, const long long* values, int count) {
    checkers_[static_cast<std::size_t>(index)].take(values, count);
  }
  bool is_different() const {
    bool is_any = false;
    for (const checker& own : checkers_) is_any = is_any || own.is_different();
    return is_any;
  }

 private:
  std::vector<checker> checkers_;
};

inline int verdict(const char* text, int frames) {
  const char* const format =
      "HWC {\"verdict\": \"%s\", \"frames\": %d, \"latency\": 0, \"interval\": 0, \"cycles\": 0}\n";
  std::printf(format, text, frames);
  return std::string(text) == "equal" ? 0 : 1;
}

// Gives the beats of a file to an input.
class player {
 public:
  player(const arguments& given, const char* name, int beats)
      : file_(given.folder + "/" + name + ".hex"), beats_(beats) {
    if (!file_.is_open()) {
      std::fprintf(stderr, "hwc: %s/%s.hex cannot be read\n", given.folder.c_str(), name);
      std::exit(2);
    }
  }

  template <class T, int Lanes, int Bits> void push(hwc::stream<hwc::axis<Lanes * Bits>>& port) {
    for (int i = 0; i < beats_; i++) {
      std::string line;
      std::getline(file_, line);
      hwc::word<Lanes * Bits> data;
      for (int lane = 0; lane < Lanes; lane++) {
        hwc::set_lane<Bits>(data, lane, T(lane_of(line, lane, Bits, hwc::traits<T>::sign)));
      }
      port.write(hwc::make_axis<Lanes * Bits>(data, i == beats_ - 1));
    }
  }

 private:
  std::ifstream file_;
  int beats_;
};

// Takes the beats of an output, compares them, and writes them to a file where that is wanted.
class recorder {
 public:
  // `index`: of the stream inside of the design that the output has.
  recorder(const arguments& given, const char* name, const checked* streams, int index, int bits)
      : checker_(given.folder, streams[index], index), bits_(bits), beats_(streams[index].beats) {
    if (!given.outputs.empty()) file_.open(given.outputs + "/" + name + ".hex");
  }

  template <class T, int Lanes, int Bits> void pull(hwc::stream<hwc::axis<Lanes * Bits>>& port) {
    for (int i = 0; i < beats_; i++) {
      const hwc::axis<Lanes * Bits> x = port.read();
      is_framed_ = is_framed_ && (x.last != 0) == (i == beats_ - 1);
      std::vector<long long> values;
      for (int lane = 0; lane < Lanes; lane++) {
        values.push_back(T(hwc::get_lane<T, Bits>(x.data, lane)).to_int64());
      }
      if (file_.is_open()) file_ << hex_of(values, bits_) << "\n";
      checker_.take(values.data(), Lanes);
    }
  }

  bool is_different() const { return checker_.is_different(); }
  // Whether `last` was with the last beat of each frame alone.
  bool is_framed() const { return is_framed_; }

 private:
  checker checker_;
  std::ofstream file_;
  int bits_, beats_;
  bool is_framed_ = true;
};

// The words of an image of constants (a write a line: address, word), without what only AXI4-Lite needs.
inline bool push_image(const arguments& given, hwc::stream<hwc::axis<32>>& port) {
  if (given.image.empty()) return false;
  std::ifstream file(given.image);
  std::string address, text;
  while (file >> address >> text) {
    if (address == "30") continue;
    hwc::word<32> data;
    hwc::set_lane<32>(data, 0, hwc::uint<32>(static_cast<unsigned>(std::strtoul(text.c_str(), nullptr, 16))));
    port.write(hwc::make_axis<32>(data, false));
  }
  return true;
}

}  // namespace bench

#endif
