#include <tapegrad/apps/trees/tree.h>

#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {
namespace {

bool is_blank(char character) { return character == ' ' || character == '\t' || character == '\r'; }

class Parser {
 public:
  Parser(std::string_view text, const std::string& name, Index line)
      : text_(text), name_(name), line_(line) {}

  // Without recursion: a tree may be as deep as the line is long.
  Tree parse() {
    Tree tree;
    skip_blanks();
    expect_opening();
    while (!open_.empty()) {
      skip_blanks();
      if (at_ == text_.size()) refuse("a closing parenthesis", "the end of the line");
      if (text_[at_] == '(')
        expect_opening();
      else if (text_[at_] == ')')
        close(tree);
      else
        read_word();
    }
    skip_blanks();
    if (at_ < text_.size()) refuse("the end of the line", in_quotes(text_.substr(at_, 20)));
    return tree;
  }

 private:
  [[noreturn]] void refuse(const std::string& expected, const std::string& got) const {
    throw DataError(
        fmt::format("{}:{}:{}: expected {}, got {}", name_, line_, at_ + 1, expected, got));
  }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  std::string token() {
    const std::size_t first = at_;
    while (at_ < text_.size() && !is_blank(text_[at_]) && text_[at_] != '(' && text_[at_] != ')')
      ++at_;
    return std::string(text_.substr(first, at_ - first));
  }

  void expect_opening() {
    if (at_ == text_.size() || text_[at_] != '(')
      refuse("an opening parenthesis",
             at_ == text_.size() ? "the end of the line" : in_quotes(text_.substr(at_, 1)));
    if (!open_.empty() && !open_.back().word.empty()) refuse("a closing parenthesis", "\"(\"");
    ++at_;
    skip_blanks();
    std::string label = token();
    if (label.empty()) refuse("a label", "none");
    open_.push_back({.label = std::move(label), .word = {}, .children = {}});
  }

  void read_word() {
    TreeNode& node = open_.back();
    if (!node.word.empty() || !node.children.empty())
      refuse("a parenthesis", in_quotes(text_.substr(at_, 20)));
    node.word = token();
  }

  void close(Tree& tree) {
    if (open_.back().word.empty() && open_.back().children.empty())
      refuse("a word or a node", "\")\"");
    tree.push_back(std::move(open_.back()));
    open_.pop_back();
    if (!open_.empty()) open_.back().children.push_back(static_cast<std::int32_t>(tree.size()) - 1);
    ++at_;
  }

  std::string_view text_;
  const std::string& name_;
  Index line_;
  std::size_t at_ = 0;
  std::vector<TreeNode> open_;  // the nodes around the place that is read
};

}  // namespace

Tree parse_tree(std::string_view text, const std::string& name, Index line) {
  return Parser(text, name, line).parse();
}

std::string words_of(const Tree& tree) {
  std::string words;
  for (const TreeNode& node : tree) {
    if (node.word.empty()) continue;
    if (!words.empty()) words += ' ';
    words += node.word;
  }
  return words;
}

}  // namespace tapegrad::apps
