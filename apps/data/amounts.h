// Numbers as people write them in tables of a shop.
#pragma once

#include <optional>
#include <string_view>

namespace tapegrad::apps {

// Which sign stands before the decimals of a number.
enum class DecimalSign {
  detect,  // the one that fits; "1,234" and "1.234.567" fit as below
  point,   // 1234.5, or 1,234.5 with commas between thousands
  comma    // 1234,5, or 1.234,5 with points between thousands
};

// A finite amount: a price, a rating or a number of pieces.
//
// Blanks, a currency sign or a code of three capital letters may stand before and after the number
// ("£1.95", "-3,50 €", "EUR 1.234,50"); thousands may be apart by blanks, apostrophes or the sign
// that does not stand before the decimals, and are then groups of three digits. With
// DecimalSign::detect the last of the signs that occur stands before the decimals, if it occurs
// once; a single comma before three digits ("1,234") may mean either and is no number, nor is a
// single point doubtful: "1.234" is less than two. Nothing for anything else.
std::optional<double> parse_amount(std::string_view text, DecimalSign sign = DecimalSign::detect);

}  // namespace tapegrad::apps
