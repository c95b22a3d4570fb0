// Amounts, durations and times in the forms that tables of shops have them in.
#include <doctest/doctest.h>

#include <optional>
#include <string>

#include <tapegrad/apps/data/amounts.h>
#include <tapegrad/apps/data/duration.h>
#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/data/numbers.h>
#include <tapegrad/apps/data/time_format.h>

#include "test_files.h"

namespace tapegrad::apps {
namespace {

constexpr auto none = std::nullopt;

TEST_CASE("amounts are read with currencies, thousands and either decimal sign") {
  struct Case {
    const char* text;
    std::optional<double> detected, point, comma;
  };
  const Case cases[] = {
      {"1.95", 1.95, 1.95, none},
      {"1,95", 1.95, none, 1.95},
      {" £1.95 ", 1.95, 1.95, none},
      {"3,50 €", 3.5, none, 3.5},
      {"-3,50\u00A0€", -3.5, none, -3.5},
      {"€ -3.50", -3.5, -3.5, none},
      {"-$3", -3.0, -3.0, -3.0},
      {"\u2212"
       "3",
       -3.0, -3.0, -3.0},
      {"+4", 4.0, 4.0, 4.0},
      {"EUR 1.234,50", 1234.5, none, 1234.5},
      {"1,234.50 USD", 1234.5, 1234.5, none},
      {"1.234.567", 1234567.0, none, 1234567.0},
      {"1,234,567", 1234567.0, 1234567.0, none},
      {"1 234 567,8", 1234567.8, none, 1234567.8},
      {"1'234.5", 1234.5, 1234.5, none},
      {"1,234", none, 1234.0, 1.234},
      {"0,234", 0.234, none, 0.234},
      {"1234,567", 1234.567, none, 1234.567},
      {"1.234", 1.234, 1.234, 1234.0},
      {"12,34,567", none, none, none},
      {"1.23.456", none, none, none},
      {"1,2345", 1.2345, none, 1.2345},
      {".5", 0.5, 0.5, none},
      {",5", 0.5, none, 0.5},
      {"5.", 5.0, 5.0, none},
      {"1e3", 1000.0, 1000.0, none},
      {"", none, none, none},
      {"€", none, none, none},
      {".", none, none, none},
      {",", none, none, none},
      {"free", none, none, none},
      {"3 for 2", none, none, none},
      {"--3", none, none, none},
      {"1,,2", none, none, none},
      {"1.2,3.4", none, none, none},
      {"nan", none, none, none},
      {"inf", none, none, none},
  };
  for (const Case& one : cases) {
    CAPTURE(std::string(one.text));
    CHECK(parse_amount(one.text) == one.detected);
    CHECK(parse_amount(one.text, DecimalSign::point) == one.point);
    CHECK(parse_amount(one.text, DecimalSign::comma) == one.comma);
  }
}

TEST_CASE("a field of capitals alone is no amount, however long it is") {
  CHECK(parse_amount(std::string(6'000'000, 'A')) == none);
  CHECK(parse_amount(std::string(6'000'000, 'A') + "1") == none);
  CHECK(parse_amount("EUR EUR 5") == none);
}

TEST_CASE("a duration is a number and its unit") {
  CHECK(parse_duration("90d", "--half-life") == 90.0 * 86400.0);
  CHECK(parse_duration("1.5h", "--half-life") == 5400.0);
  CHECK(parse_duration("30s", "--half-life") == 30.0);
  CHECK(parse_duration("2m", "--half-life") == 120.0);
  CHECK(parse_duration("2w", "--half-life") == 1209600.0);
  CHECK(parse_duration("1y", "--half-life") == 31557600.0);
  for (const char* text : {"", "90", "d", "-1d", "0d", "1x", "1 day", "nand", "infd"}) {
    CAPTURE(std::string(text));
    CHECK(message_of([&] {
            parse_duration(text, "--half-life");
          }).starts_with("--half-life: expected a number above 0 and a unit"));
  }
}

TEST_CASE("numbers are seconds, milliseconds, microseconds or nanoseconds, and years have bounds") {
  CHECK(parse_time("1577836800") == 1577836800.0);
  CHECK(parse_time("1577836800000") == 1577836800.0);
  CHECK(parse_time("1577836800000000") == 1577836800.0);
  CHECK(parse_time("1577836800000000000") == 1577836800.0);
  CHECK(parse_time("0001-01-01") == -62135596800.0);
  CHECK(parse_time("9999-12-31T23:59:59") == 253402300799.0);
  for (const char* text : {"1e21", "-1e300", "0000-01-01", "1e400", "-62135596801"}) {
    CAPTURE(std::string(text));
    CHECK(parse_time(text) == none);
  }
}

TEST_CASE("times are read in a stated form") {
  struct Case {
    const char* format;
    const char* text;
    std::optional<double> seconds;
  };
  const Case cases[] = {
      {"%d/%m/%Y %H:%M", "09/11/2011 08:26", 1320827160.0},
      {"%d/%m/%Y %H:%M", " 09/11/2011 08:26 ", 1320827160.0},
      {"%d/%m/%Y %H:%M", "09/11/2011", none},
      {"%d/%m/%Y %H:%M", "09/11/2011 08:26:01", none},
      {"%d/%m/%Y", "31/02/2011", none},
      {"%d/%m/%Y", "29/02/2012", 1330473600.0},
      {"%d/%m/%Y", "29/02/2011", none},
      {"%m/%d/%y", "11/09/11", 1320796800.0},
      {"%Y%m%d", "20111109", 1320796800.0},
      {"%d %b %Y", "9 Nov 2011", 1320796800.0},
      {"%Y-%j", "2011-313", 1320796800.0},
      {"%Y-%m-%d %H:%M %z", "2011-11-09 08:26 +0100", 1320823560.0},
      {"%F", "2011-11-09", 1320796800.0},
      {"%d.%m.%Y", "tomorrow", none},
      {"%d.%m.%Y", "", none},
  };
  for (const Case& one : cases) {
    CAPTURE(std::string(one.format));
    CAPTURE(std::string(one.text));
    CHECK(TimeFormat(one.format).parse(one.text) == one.seconds);
  }
  for (const char* format : {"", "%H:%M", "%d/%m", "%Y", "%Y-%m", "day", "%", "%d%%m%Y"}) {
    CAPTURE(std::string(format));
    CHECK(message_of([&] {
            TimeFormat time(format);
          }).starts_with("--time-format: expected a format that names the day"));
  }
  CHECK(TimeFormat().parse("2011-11-09") == 1320796800.0);
}

}  // namespace
}  // namespace tapegrad::apps
