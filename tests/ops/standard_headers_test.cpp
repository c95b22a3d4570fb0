// Every standard name against the header that declares it: another library's headers may include
// fewer of each other.
#include <doctest/doctest.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

using Names = std::set<std::string>;

// Header, and the names that it is included for. One of the headers is enough for a name of
// several.
const std::map<std::string, std::string> declared{
    {"algorithm",
     "adjacent_find all_of any_of binary_search clamp copy copy_backward copy_if copy_n count "
     "count_if equal equal_range fill fill_n find find_if find_if_not for_each for_each_n "
     "generate generate_n includes inplace_merge is_permutation is_sorted is_sorted_until "
     "lexicographical_compare lower_bound make_heap max max_element merge min min_element minmax "
     "minmax_element mismatch next_permutation none_of nth_element partial_sort "
     "partial_sort_copy partition partition_point pop_heap push_heap remove remove_copy_if "
     "remove_if replace reverse rotate search set_difference set_intersection set_union shuffle "
     "sort sort_heap stable_partition stable_sort swap_ranges transform unique upper_bound"},
    {"array", "array to_array"},
    {"atomic",
     "atomic atomic_flag atomic_ref atomic_thread_fence memory_order_acq_rel "
     "memory_order_acquire memory_order_relaxed memory_order_release memory_order_seq_cst"},
    {"bit",
     "bit_cast bit_ceil bit_floor bit_width countl_zero countr_one countr_zero endian "
     "has_single_bit popcount rotl rotr"},
    {"cctype", "isalnum isalpha isdigit isspace tolower toupper"},
    {"charconv", "chars_format from_chars from_chars_result to_chars to_chars_result"},
    {"chrono", "chrono micro milli nano"},
    {"cmath",
     "abs acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 "
     "expm1 fabs floor fma fmax fmin fmod fpclassify frexp hypot ilogb isfinite isinf isnan "
     "isnormal ldexp lgamma llround log log10 log1p log2 logb lround modf nan nearbyint "
     "nextafter pow remainder rint round scalbn signbit sin sinh sqrt tan tanh tgamma trunc"},
    {"csetjmp", "jmp_buf longjmp setjmp"},
    {"csignal", "raise sig_atomic_t signal"},
    {"cstdarg", "va_list"},
    {"cstddef", "byte max_align_t nullptr_t to_integer"},
    {"cstdint",
     "int16_t int32_t int64_t int8_t intptr_t uint16_t uint32_t uint64_t uint8_t uintptr_t"},
    {"cstdio",
     "FILE fclose feof ferror fflush fopen fprintf fputc fputs fread fseek ftell fwrite getc "
     "perror printf puts remove rename setvbuf snprintf tmpfile ungetc"},
    {"cstdlib",
     "_Exit abort abs aligned_alloc atexit atoi atol calloc exit free getenv malloc realloc strtod "
     "strtol strtoll strtoul strtoull system"},
    {"cstring",
     "memchr memcmp memcpy memmove memset strchr strcmp strerror strlen strncmp strrchr strstr"},
    {"ctime", "time_t tm"},
    {"deque", "deque"},
    {"exception",
     "current_exception exception exception_ptr make_exception_ptr nested_exception "
     "rethrow_exception terminate throw_with_nested uncaught_exceptions"},
    {"filesystem", "filesystem"},
    {"fstream", "filebuf fstream ifstream ios ofstream streambuf streamsize"},
    {"functional",
     "bind_front cref equal_to function greater hash identity invoke less minus multiplies "
     "not_fn plus ref reference_wrapper"},
    {"future", "async future launch packaged_task promise"},
    {"iomanip", "fixed setfill setprecision setw"},
    {"ios", "dec hex ios ios_base oct streamoff streampos streamsize"},
    {"iosfwd", "istream ostream"},
    {"iostream", "cerr cin clog cout ios istream ostream streambuf streamsize"},
    {"istream", "istream"},
    {"iterator",
     "advance back_inserter distance front_inserter inserter istream_iterator "
     "istreambuf_iterator make_move_iterator next ostream_iterator prev reverse_iterator"},
    {"limits", "numeric_limits"},
    {"list", "list"},
    {"map", "map multimap pair"},
    {"memory",
     "addressof align allocator construct_at default_delete destroy_at destroy_n "
     "dynamic_pointer_cast enable_shared_from_this make_shared make_unique shared_ptr "
     "static_pointer_cast uninitialized_copy_n uninitialized_default_construct_n "
     "uninitialized_fill_n unique_ptr weak_ptr"},
    {"mutex", "call_once lock_guard mutex once_flag recursive_mutex scoped_lock unique_lock"},
    {"new",
     "align_val_t bad_alloc bad_array_new_length exception "
     "hardware_destructive_interference_size launder nothrow"},
    {"numbers", "numbers"},
    {"numeric",
     "accumulate adjacent_difference exclusive_scan gcd inclusive_scan inner_product iota lcm "
     "midpoint partial_sum reduce transform_reduce"},
    {"optional", "bad_optional_access nullopt optional"},
    {"ostream", "ostream"},
    {"queue", "priority_queue queue"},
    {"random",
     "bernoulli_distribution discrete_distribution geometric_distribution mt19937 mt19937_64 "
     "normal_distribution poisson_distribution random_device "
     "uniform_int_distribution uniform_real_distribution"},
    {"ratio", "micro milli nano ratio"},
    {"regex", "cmatch regex regex_match regex_replace regex_search smatch sregex_iterator"},
    {"set", "multiset set"},
    {"span", "as_bytes as_writable_bytes dynamic_extent span"},
    {"sstream", "ios istringstream ostringstream streamsize stringstream"},
    {"stdexcept",
     "domain_error exception invalid_argument length_error logic_error out_of_range "
     "overflow_error range_error runtime_error"},
    {"streambuf", "streambuf"},
    {"string",
     "char_traits getline stod stof stoi stol stoll stoul stoull string to_string u8string "
     "wstring"},
    {"string_view", "string_view"},
    {"system_error",
     "errc error_code error_condition generic_category make_error_code system_category "
     "system_error"},
    {"thread", "jthread this_thread thread"},
    {"tuple", "apply forward_as_tuple get make_tuple tie tuple tuple_cat tuple_size"},
    {"type_traits",
     "add_const_t bool_constant common_type_t conditional_t decay_t enable_if_t false_type "
     "integral_constant invoke_result_t is_aggregate_v is_arithmetic_v is_assignable_v "
     "is_base_of_v is_const_v is_constructible_v is_convertible_v is_copy_assignable_v "
     "is_copy_constructible_v is_default_constructible_v is_destructible_v is_empty_v is_enum_v "
     "is_floating_point_v is_integral_v is_invocable_r_v is_invocable_v is_lvalue_reference_v "
     "is_move_assignable_v is_move_constructible_v is_nothrow_move_assignable_v "
     "is_nothrow_move_constructible_v is_pointer_v is_same_v is_signed_v is_trivially_copyable_v "
     "is_trivially_destructible_v is_unsigned_v is_void_v make_signed_t make_unsigned_t "
     "remove_const_t remove_cv_t remove_cvref_t remove_reference_t true_type type_identity_t "
     "underlying_type_t void_t"},
    {"typeinfo", "bad_cast type_info"},
    {"unordered_map", "pair unordered_map unordered_multimap"},
    {"unordered_set", "unordered_multiset unordered_set"},
    {"utility",
     "as_const cmp_equal cmp_greater cmp_greater_equal cmp_less cmp_less_equal declval exchange "
     "forward in_place in_range index_sequence index_sequence_for integer_sequence "
     "make_index_sequence make_integer_sequence make_pair move pair piecewise_construct swap"},
    {"variant", "get_if holds_alternative monostate variant variant_size_v visit"},
    {"vector", "vector"},
};

// What every container's header, or any header at all, declares.
const Names declared_anywhere{
    "begin",    "cbegin",           "cend",      "data",   "empty", "end",  "erase",
    "erase_if", "initializer_list", "ptrdiff_t", "rbegin", "rend",  "size", "size_t",
    "ssize"};

std::map<std::string, Names> headers_by_name() {
  std::map<std::string, Names> headers;
  for (const auto& [header, names] : declared) {
    std::istringstream words(names);
    for (std::string name; words >> name;) headers[name].insert(header);
  }
  for (const std::string& name : declared_anywhere) headers[name];
  return headers;
}

const fs::path& root() {
  static const fs::path path = fs::path(TAPEGRAD_SOURCE_DIR);
  return path;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

struct Source {
  struct Include {
    std::string target;
    bool quoted;
  };
  std::vector<Include> includes;
  Names names;  // after std::
};

// The code of a line: what stands in string literals, and a comment to the line's end, is left out.
std::string code_of(std::string_view line) {
  std::string code;
  bool literal = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (literal && c == '\\')
      ++at;
    else if (!literal && line.substr(at).starts_with("'\"'"))
      at += 2;  // a quote as a character
    else if (c == '"')
      literal = !literal;
    else if (!literal && line.substr(at).starts_with("//"))
      break;
    else if (!literal)
      code += c;
  }
  return code;
}

void add_standard_names(const std::string& code, Names& names) {
  static const std::string qualifier = "std::";
  static const std::string ranges = "ranges::";
  for (std::size_t at = code.find(qualifier); at != std::string::npos;
       at = code.find(qualifier, at)) {
    const bool whole = at == 0 || !is_word(code[at - 1]);
    at += qualifier.size();
    if (code.compare(at, ranges.size(), ranges) == 0) at += ranges.size();
    std::size_t end = at;
    while (end < code.size() && is_word(code[end])) ++end;
    if (whole && end > at) names.insert(code.substr(at, end - at));
  }
}

// Reads a file once, by hand: regular expressions took minutes under a sanitizer.
Source read_source(const fs::path& path) {
  static const std::string directive = "#include ";
  Source source;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(directive)) {
      const std::size_t begin = directive.size() + 1;
      const std::size_t end = line.find_first_of("\">", begin);
      source.includes.push_back({line.substr(begin, end - begin), line[begin - 1] == '"'});
    } else {
      add_standard_names(code_of(line), source.names);
    }
  }
  return source;
}

std::map<fs::path, Source> sources() {
  std::map<fs::path, Source> all;
  const auto take = [&](const fs::path& path) {
    if (path.extension() == ".cpp" || path.extension() == ".h")
      all[path.lexically_normal()] = read_source(path);
  };
  take(root() / "tapegrad.h");
  for (const char* folder : {"graph", "ops", "optim", "nn", "apps", "bench", "examples", "tests"})
    for (const auto& entry : fs::recursive_directory_iterator(root() / folder)) take(entry.path());
  return all;
}

// Adds the standard headers that a file includes, itself or by way of the project's own.
void add_standard_headers(const std::map<fs::path, Source>& all, const fs::path& path,
                          std::set<fs::path>& seen, Names& headers) {
  const auto source = all.find(path.lexically_normal());
  if (source == all.end() || !seen.insert(source->first).second) return;
  static const std::string own = "tapegrad/";
  for (const Source::Include& include : source->second.includes) {
    if (include.quoted)
      add_standard_headers(all, path.parent_path() / include.target, seen, headers);
    else if (include.target.starts_with(own))
      add_standard_headers(all, root() / include.target.substr(own.size()), seen, headers);
    else
      headers.insert(include.target);
  }
}

}  // namespace

TEST_CASE("every standard name that a file uses is declared by a header that the file includes") {
  const std::map<std::string, Names> headers_of = headers_by_name();
  const std::map<fs::path, Source> all = sources();
  std::size_t walked = 0;
  for (const auto& source : all) {
    const fs::path& path = source.first;
    std::set<fs::path> seen;
    Names included;
    add_standard_headers(all, path, seen, included);
    for (const std::string& name : source.second.names) {
      CAPTURE(path.string());
      CAPTURE(name);
      const auto found = headers_of.find(name);
      CHECK_MESSAGE(found != headers_of.end(),
                    "no header is listed for the name: add it to the table above");
      if (found == headers_of.end()) continue;
      const Names& headers = found->second;
      bool declares = headers.empty();
      for (const std::string& header : headers) declares = declares || included.contains(header);
      CHECK_MESSAGE(declares,
                    "missing #include <" << (headers.empty() ? "" : *headers.begin()) << ">");
      ++walked;
    }
  }
  MESSAGE(walked << " uses of standard names in " << all.size() << " files");
  CHECK(all.size() > 300);
}
