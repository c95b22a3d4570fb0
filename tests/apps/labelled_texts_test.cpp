// Tables of texts with labels.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <tapegrad/apps/classification/labelled_texts.h>
#include <tapegrad/apps/data/errors.h>

#include "test_files.h"

namespace {

using namespace tapegrad::apps;
using Texts = std::vector<std::string>;

LabelledTexts read(const std::string& path, const LabelledTextOptions& options = {}) {
  return read_labelled_texts({&path, 1}, options);
}

}  // namespace

TEST_CASE("texts and labels are found by the usual names, or by those that are given") {
  const TestFiles folder;
  const std::string csv = folder.write("r.csv",
                                       "Id,Title,Review Text,Category\n"
                                       "1,Nice,\"good, \"\"really\"\" good\",pos\n"
                                       "2,,bad,neg\n"
                                       "3,Odd,no label here, \n"
                                       "4,,,pos\n");
  const LabelledTexts usual = read(csv);
  CHECK(usual.texts == Texts{"good, \"really\" good", "bad", ""});
  CHECK(usual.labels.at(0).fields == Texts{"pos", "neg", "pos"});
  CHECK(usual.without_label == 1);
  CHECK(usual.without_text == 1);
  CHECK(usual.report.rows == 3);

  const LabelledTexts both = read(csv, {.text_columns = {"Title", "Review Text"},
                                        .label_columns = {"Id"},
                                        .other_columns = {"Category", "1"}});
  CHECK(both.texts[0] == "Nice\ngood, \"really\" good");
  CHECK(both.texts[2] == "Odd\nno label here");
  CHECK(both.labels.at(0).fields == Texts{"1", "2", "3", "4"});
  REQUIRE(both.others.size() == 2);
  CHECK(both.others[0].name == "Category");
  CHECK(both.others[0].fields == Texts{"pos", "neg", "", "pos"});
  CHECK(both.others[1].name == "Id");

  const std::string lines = folder.write("q.jsonl",
                                         "{\"question\": \"where is it?\", \"intent\": \"find\"}\n"
                                         "{\"question\": \"这个多少钱\", \"intent\": \"price\"}\n");
  CHECK(read(lines).texts == Texts{"where is it?", "这个多少钱"});
  CHECK(read(lines).labels.at(0).fields == Texts{"find", "price"});
  // Without a header the text comes first.
  const std::string bare = folder.write("bare.csv", "good thing,pos\nbad thing,neg\n");
  CHECK(read(bare).texts == Texts{"good thing", "bad thing"});
  CHECK(read(bare).labels.at(0).fields == Texts{"pos", "neg"});
}

TEST_CASE("quoted texts may run over lines that look like rows") {
  const TestFiles folder;
  const LabelledTexts texts = read(folder.write("l.csv",
                                                "text,category\r\n"
                                                "plain,a\r\n"
                                                "\"some, who\nask, twice\n\",b\r\n"
                                                "last,a\r\n"));
  CHECK(texts.texts == Texts{"plain", "some, who\nask, twice", "last"});
  CHECK(texts.labels.at(0).fields == Texts{"a", "b", "a"});
}

TEST_CASE("texts without labels can be read where no labels are needed") {
  const TestFiles folder;
  const std::string csv = folder.write("t.csv", "id,text\n1,one\n2,two\n");
  const LabelledTexts texts = read(csv, {.needs_labels = false});
  CHECK(texts.texts == Texts{"one", "two"});
  CHECK(texts.labels.empty());
  CHECK_THROWS_AS(read(csv), DataError);
  CHECK_THROWS_AS(read(csv, {.text_columns = {"nowhere"}, .needs_labels = false}), DataError);
  CHECK_THROWS_AS(read(folder.write("e.csv", "text,label\n")), DataError);
  CHECK_THROWS_AS(read(folder.write("b.csv", "text,label\nsome, \nmore,\n")), DataError);
}
