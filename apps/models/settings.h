// The numbers that models and trainings are made of, each with its name and bounds: the command
// line, the readers of files and their writers all go by these.
#pragma once

#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {

template <class Value>
struct Setting {
  const char* name;  // as an option, after two dashes, and in files
  Value least, greatest;

  // Throws OptionError outside of the bounds, and for NaN.
  template <class Given>
  void check(Given value) const {
    bool within = false;
    if constexpr (std::is_integral_v<Value> && std::is_integral_v<Given>)
      within = std::cmp_greater_equal(value, least) && std::cmp_less_equal(value, greatest);
    else
      within = value >= least && value <= greatest;
    if (!within)
      throw OptionError(
          fmt::format("{} must be within [{}, {}], got {}", name, least, greatest, value));
  }
  // A number from a file. Throws OptionError as check() does, and for a text that is not one number
  // of this kind.
  Value parse(const std::string& text) const {
    std::conditional_t<std::is_integral_v<Value>, std::int64_t, Value> value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
      throw OptionError(fmt::format("{} must be a {} within [{}, {}], got {}", name,
                                    std::is_integral_v<Value> ? "whole number" : "number", least,
                                    greatest, in_quotes(text)));
    }
    check(value);
    return static_cast<Value>(value);
  }
};

namespace settings {

inline constexpr Setting<std::int64_t> seed{"seed", 0, std::numeric_limits<std::int64_t>::max()};

// Of models.
inline constexpr Setting<int> factors{"factors", 1, 4096};
inline constexpr Setting<double> dropout{"dropout", 0.0, 0.99};
inline constexpr Setting<double> lambda{"lambda", 1e-6, 1e12};

// Of probabilities: what logits are divided by, and from what on the answer is yes.
inline constexpr Setting<double> temperature{"temperature", 1e-3, 1e3};
inline constexpr Setting<double> threshold{"threshold", 0.0, 1.0};

// Of what counts as an event.
inline constexpr Setting<double> min_rating{"min-rating", -1e9, 1e9};
inline constexpr Setting<double> half_life{"half-life", 1e-6, 1e12};     // seconds
inline constexpr Setting<double> weighed_at{"weighed-at", -1e15, 1e15};  // seconds
// Of pairs whose weights differ (UserItems::unit).
inline constexpr Setting<double> weight_unit{"weight-unit", 0.0, 1e100};

// Of trainings.
inline constexpr Setting<int> epochs{"epochs", 1, 100000};
inline constexpr Setting<double> learning_rate{"learning-rate", 1e-12, 1e3};
inline constexpr Setting<double> final_rate{"final-rate", 0.0, 1.0};
inline constexpr Setting<double> weight_decay{"weight-decay", 0.0, 1e3};
inline constexpr Setting<double> momentum{"momentum", 0.0, 0.9999};
inline constexpr Setting<double> l1{"l1", 0.0, 1e3};
inline constexpr Setting<double> clip_norm{"clip-norm", 0.0, 1e9};
inline constexpr Setting<double> average_decay{"average-decay", 0.0, 0.999999};
inline constexpr Setting<int> average_every{"average-every", 1, 1 << 20};
inline constexpr Setting<int> accumulate{"accumulate", 1, 1 << 20};

// Of reading.
inline constexpr Setting<int> max_unpacked{"max-unpacked", 1, 1 << 20};  // MiB

}  // namespace settings
}  // namespace tapegrad::apps
