#include <tapegrad/apps/data/amounts.h>

#include <algorithm>
#include <array>
#include <string>

#include <tapegrad/apps/data/ascii.h>
#include <tapegrad/apps/data/numbers.h>

namespace tapegrad::apps {
namespace {

// The signs of currencies in UTF-8, and blanks that do not break lines.
constexpr std::array<std::string_view, 11> around = {"$", "£", "€", "¥",      "₹",     "₽",
                                                     "₩", "₺", "₫", "\u00A0", "\u202F"};

// The length of a currency's sign or a blank at an end of the text, which `has` looks at; 0
// without.
template <class Has>
std::size_t sign_at_end(const Has& has) {
  for (const std::string_view sign : around) {
    if (has(sign)) return sign.size();
  }
  return has(" ") || has("\t") ? 1 : 0;
}

// Takes signs and blanks off, and one code of three letters among them.
void strip_front(std::string_view& text) {
  for (bool has_code = false;;) {
    std::size_t count = sign_at_end([&](std::string_view sign) { return text.starts_with(sign); });
    if (count == 0 && !has_code && text.size() > 3 &&
        std::ranges::all_of(text.substr(0, 3), is_capital)) {
      has_code = true;
      count = 3;
    }
    if (count == 0) return;
    text.remove_prefix(count);
  }
}

void strip_back(std::string_view& text) {
  for (bool has_code = false;;) {
    std::size_t count = sign_at_end([&](std::string_view sign) { return text.ends_with(sign); });
    if (count == 0 && !has_code && text.size() > 3 &&
        std::ranges::all_of(text.substr(text.size() - 3), is_capital)) {
      has_code = true;
      count = 3;
    }
    if (count == 0) return;
    text.remove_suffix(count);
  }
}

// The sign before the decimals, 0 where there are none; nothing where it cannot be told.
std::optional<char> decimal_sign_of(std::string_view digits, DecimalSign sign) {
  if (sign == DecimalSign::point) return '.';
  if (sign == DecimalSign::comma) return ',';
  const std::size_t last = digits.find_last_of(".,");
  if (last == std::string_view::npos) return '\0';
  const char found = digits[last];
  if (std::ranges::count(digits, found) > 1) return '\0';
  const bool is_alone = digits.find_first_of(".,") == last;
  if (found == ',' && is_alone && digits.size() - last == 4 && last <= 3 && digits[0] != '0')
    return std::nullopt;
  return found;
}

// The length of a separator of thousands at the beginning, 0 without one.
std::size_t separator_at(std::string_view text, char decimal) {
  if (text.empty()) return 0;
  const char other = decimal == ',' ? '.' : ',';
  if (text.front() == '\'' || text.front() == ' ') return 1;
  if (decimal == '\0' && text.front() == '.') return 1;
  if (text.front() == other) return 1;
  for (const std::string_view blank : {"\u00A0", "\u202F", "\u2019"}) {
    if (text.starts_with(blank)) return blank.size();
  }
  return 0;
}

// The digits before the decimals without what lies between thousands; nothing where the groups are
// not of three.
std::optional<std::string> without_groups(std::string_view whole, char decimal) {
  std::string digits;
  std::size_t group = 0;
  bool is_grouped = false;
  while (!whole.empty()) {
    if (is_digit(whole.front())) {
      digits += whole.front();
      ++group;
      whole.remove_prefix(1);
      continue;
    }
    const std::size_t length = separator_at(whole, decimal);
    if (length == 0 || group == 0 || (is_grouped ? group != 3 : group > 3)) return std::nullopt;
    is_grouped = true;
    group = 0;
    whole.remove_prefix(length);
  }
  if (is_grouped && (group != 3 || digits.front() == '0')) return std::nullopt;
  return digits;
}

}  // namespace

std::optional<double> parse_amount(std::string_view text, DecimalSign sign) {
  text = trimmed(text);
  if (sign != DecimalSign::comma) {
    if (const std::optional<double> plain = parse_number(text)) return plain;
  }
  const auto take_sign = [&] {
    for (const std::string_view minus : {"-", "\u2212"}) {
      if (!text.starts_with(minus)) continue;
      text.remove_prefix(minus.size());
      return true;
    }
    return false;
  };
  bool is_negative = take_sign();
  strip_front(text);
  if (!is_negative) is_negative = take_sign();
  if (!is_negative && text.starts_with('+')) text.remove_prefix(1);
  strip_back(text);
  const std::optional<char> decimal = decimal_sign_of(text, sign);
  if (!decimal) return std::nullopt;
  const std::size_t at =
      *decimal == '\0' ? text.size() : std::min(text.find(*decimal), text.size());
  const std::optional<std::string> whole = without_groups(text.substr(0, at), *decimal);
  const std::string_view decimals = text.substr(std::min(at + 1, text.size()));
  if (!whole || !std::ranges::all_of(decimals, is_digit) || (whole->empty() && decimals.empty()))
    return std::nullopt;
  const std::optional<double> value =
      parse_number((whole->empty() ? "0" : *whole) + "." + std::string(decimals) + "0");
  if (!value) return std::nullopt;
  return is_negative ? -*value : *value;
}

}  // namespace tapegrad::apps
