// Every kind of file that a model is kept in, with a small model of each.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <tapegrad/apps/classification/text_row.h>
#include <tapegrad/apps/images/image_row.h>
#include <tapegrad/apps/models/language_file.h>
#include <tapegrad/apps/models/model_file.h>
#include <tapegrad/apps/models/purchase_file.h>
#include <tapegrad/apps/models/sequence_file.h>
#include <tapegrad/apps/tables/table_row.h>
#include <tapegrad/apps/training/fit_images.h>
#include <tapegrad/apps/training/fit_table.h>
#include <tapegrad/apps/training/fit_text.h>
#include <tapegrad/apps/training/fit_trees.h>
#include <tapegrad/apps/trees/tree_row.h>

#include "small_models.h"
#include "small_sequence_models.h"

namespace model_kinds {

namespace tg = tapegrad;
using namespace tapegrad::apps;

inline IdMap ids(const std::string& prefix, int count) {
  IdMap map;
  for (int i = 0; i < count; ++i) map.insert(prefix + std::to_string(i));
  return map;
}

// `change` may change the settings and what else is there before the model is made.
inline void save_recommender(const std::string& path, const std::string& name,
                             const std::function<void(StoredModel&)>& change = nullptr) {
  StoredModel model;
  model.name = name;
  model.seed = 7;
  model.protocol = "temporal 0.1";
  model.fingerprint = "0123456789abcdef";
  model.users = ids("user ", 3);
  model.items = ids("item ", 5);
  model.titles = {"One", "Two", "", "Four", "Five"};
  model.excluded_items = {"POST", "a fee"};
  const std::vector<std::int32_t> users{0, 0, 1, 2, 2, 2}, items{0, 4, 1, 0, 2, 3};
  model.seen = model.targets = model.had = std::make_shared<const UserItems>(3, 5, users, items);
  model.described = "trained on 6 of 6 events";
  const ModelRow& row = model_row(name);
  model.settings = small_settings(row);
  model.loop = row.loop;
  model.loop.epochs = 3;
  if (row.features != FeatureUse::none) {
    model.user_features = small_features(3);
    model.item_features = small_features(5);
  }
  if (change) change(model);
  model.fitted = small_model(row, model.settings, model.inputs());
  save_model(path, model);
}

// What models that are fitted to more than pairs have in their files.
inline std::shared_ptr<Interactions> some_events(const StoredModel& model) {
  auto events = std::make_shared<Interactions>();
  events->users = {0, 0, 1, 2, 2, 2};
  events->items = {0, 4, 1, 0, 2, 3};
  events->user_ids = model.users;
  events->item_ids = model.items;
  return events;
}

inline void fit_to_window(StoredModel& model) {
  model.settings.set(model_options::window, "2.5");
  model.likes.half_life = 86400.0;
  model.weighed_at = 5e5;
  const auto events = some_events(model);
  events->times = {1e5, 2e5, 3e5, 4e5, 5e5, 4.5e5};
  events->weights = {0.125F, 0.25F, 0.5F, 1.0F, 1.0F, 0.75F};
  events->weighed_at = model.weighed_at;
  model.seen = model.targets = std::make_shared<const UserItems>(*events);
  model.events = events;
}

inline void fit_to_ratings(StoredModel& model) {
  model.settings.set(model_options::loss, "squared");
  const auto events = some_events(model);
  events->ratings = {1.0F, 2.0F, std::numeric_limits<float>::quiet_NaN(), 4.0F, 5.0F, 3.5F};
  model.events = events;
}

inline void save_sequence(const std::string& path, const std::string& name) {
  StoredSequenceModel model;
  model.name = name;
  model.seed = 7;
  model.task = "next-item";
  model.fingerprint = "0123456789abcdef";
  model.protocol = "loo";
  model.described = "trained on 5 events";
  model.unlearnt = {3};
  model.training.items = ids("item ", 5);
  const std::vector<std::int32_t> first{0, 1, 2}, second{4, 3};
  const std::vector<double> first_times{1.0, 2.0, 3.0}, second_times{4.0, 5.0};
  model.training.add("a", {.items = first, .times = first_times});
  model.training.add("b", {.items = second, .times = second_times});
  model.settings = small_sequence_settings(name, "4", "6", "0.25");
  if (sequence_row(name).is_neural()) {
    model.parameters = std::make_unique<tg::Parameters>(7);
    model.model = small_sequence_model(name, model.settings, *model.parameters, 5);
  }
  save_sequence_model(path, model);
}

inline void save_purchase(const std::string& path) {
  StoredPurchaseModel model;
  model.name = "gru";
  model.seed = 7;
  model.fingerprint = "0123456789abcdef";
  model.described = "trained on 5 sessions";
  model.items = ids("item ", 5);
  model.types.insert("view");
  model.purchase_type = "purchase";
  const SequenceRow row = purchase_row(sequence_row(model.name));
  model.settings = default_settings(row);
  model.settings.set(sequence_options::width, "4");
  model.parameters = std::make_unique<tg::Parameters>(7);
  model.model = std::make_unique<PurchaseModel>(row, model.settings, model.parameters->root(),
                                                SequenceInputs{.items = 5, .types = 1});
  save_purchase_model(path, model);
}

inline void save_language(const std::string& path) {
  StoredLanguageModel model;
  model.name = "lstm";
  model.seed = 7;
  model.fingerprint = "0123456789abcdef";
  model.described = "trained on 50 words";
  model.vocabulary = ids("word", 4);
  model.vocabulary.insert(unknown_unit);
  const LanguageRow& row = language_row(model.name);
  model.settings = default_settings(row);
  model.settings.set(sequence_options::width, "4");
  model.settings = decided(row, model.settings, model.unit);
  model.parameters = std::make_unique<tg::Parameters>(7);
  model.model = std::make_unique<LanguageModel>(model.parameters->root(), model.vocabulary.size(),
                                                language_model_options(row, model.settings));
  save_language_model(path, model);
}

// Classifiers, fitted to a few examples.
inline ExampleFitOptions few_examples() {
  ExampleFitOptions options;
  options.loop.epochs = 1;
  return options;
}

template <class Row>
ModelSettings few_settings(const Row& row) {
  ModelSettings settings = default_settings(row);
  const auto set = [&](const ModelOption& option, const char* text) {
    if (settings.has(option)) settings.set(option, text);
  };
  namespace names = classifier_options;
  set(names::width, "4");
  set(sequence_options::heads, "2");
  set(names::embedding, "3");
  set(names::hidden, "4");
  set(names::buckets, "7");
  set(names::bins, "3");
  set(names::min_count, "1");
  set(names::cost, "1");
  set(names::smoothing, "1");
  set(names::filters, "2-3");
  return settings;
}

inline void save_text(const std::string& path, const std::string& name,
                      const std::string& tokens = "words") {
  const std::vector<std::string> texts{"a good word", "a bad word", "good", "bad"},
      labels{"yes", "no", "yes", "no"}, targets{"label"};
  const std::vector<Labels> truth{labels_of(labels)};
  const std::vector<tg::Index> all{0, 1, 2, 3};
  TextClassifier model;
  model.name = name;
  model.described = "trained on 4 examples";
  model.text_columns = {"text"};
  Progress progress(true);
  ModelSettings settings = few_settings(text_row(name));
  settings.set(classifier_options::tokens, tokens);
  fit_text(model, texts, truth, targets, all, {.settings = settings, .examples = few_examples()},
           progress);
  save_text_classifier(path, model);
}

inline void save_table(const std::string& path, const std::string& name,
                       const std::string& loss = "cross-entropy") {
  Records records;
  records.names = {"price", "colour"};
  records.columns = {{"1", "2", "", "4"}, {"red", "blue", "red", "blue"}};
  const std::vector<std::string> classes{"yes", "no", "yes", "no"}, numbers{"1", "2", "4", "3"},
      targets{"label"};
  const TableRow& row = table_row(name);
  ModelSettings settings = few_settings(row);
  if (settings.has(classifier_options::loss)) settings.set(classifier_options::loss, loss);
  const std::vector<Labels> truth{predicts_numbers(row, settings) ? number_labels_of(numbers)
                                                                  : labels_of(classes)};
  const std::vector<tg::Index> all{0, 1, 2, 3};
  TableClassifier model;
  model.name = name;
  model.described = "trained on 4 examples";
  Progress progress(true);
  fit_table(model, records, truth, targets, all,
            {.settings = settings, .columns = records.names, .examples = few_examples()}, progress);
  save_table_classifier(path, model);
}

inline void save_images(const std::string& path, const std::string& name) {
  ImageSet images{.shape = {.channels = 3, .size = 3}, .values = {}};
  for (int i = 0; i < 4 * 27; ++i) images.values.push_back(static_cast<unsigned char>(7 * i));
  const std::vector<std::string> labels{"yes", "no", "yes", "no"}, targets{"label"};
  const std::vector<Labels> truth{labels_of(labels)};
  const std::vector<tg::Index> all{0, 1, 2, 3};
  ImageClassifier model;
  model.name = name;
  model.described = "trained on 4 examples";
  Progress progress(true);
  fit_images(model, images, truth, targets, all,
             {.settings = few_settings(image_row(name)), .examples = few_examples()}, progress);
  save_image_classifier(path, model);
}

inline void save_trees(const std::string& path, const std::string& name) {
  TreeExamples examples;
  for (const char* text : {"(1 (0 a) (1 b))", "(0 a)", "(1 b)", "(0 (0 a) (0 c))"})
    examples.trees.push_back(parse_tree(text, "trees", 1));
  examples.node_classes = {{0, 1, 1, 0, 1, 0, 0, 0}};
  const std::vector<std::string> labels{"1", "0", "1", "0"}, targets{"label"};
  const std::vector<Labels> truth{labels_of(labels)};
  const std::vector<tg::Index> all{0, 1, 2, 3};
  TreeClassifier model;
  model.name = name;
  model.described = "trained on 4 examples";
  Progress progress(true);
  fit_trees(model, examples, truth, targets, all,
            {.settings = few_settings(tree_row(name)), .examples = few_examples()}, progress);
  save_tree_classifier(path, model);
}

// A kind of file: how it is written, read, and used.
struct Kind {
  std::string model;
  std::function<void(const std::string&path)> save, load;
  bool is_network = true;
};

inline std::vector<Kind> kinds() {
  std::vector<Kind> all;
  for (const ModelRow& row : model_rows()) {
    const std::string name(row.name);
    all.push_back({name, [name](const std::string& path) { save_recommender(path, name); },
                   [](const std::string& path) { load_model(path); }, row.is_neural()});
  }
  const auto load = [](const std::string& path) { load_model(path); };
  all.push_back(
      {"popularity, window",
       [](const std::string& path) { save_recommender(path, "popularity", fit_to_window); }, load,
       false});
  all.push_back({"mf, squared",
                 [](const std::string& path) { save_recommender(path, "mf", fit_to_ratings); },
                 load});
  for (const SequenceRow& row : sequence_rows()) {
    const std::string name(row.name);
    all.push_back({name, [name](const std::string& path) { save_sequence(path, name); },
                   [](const std::string& path) { load_sequence_model(path); }, row.is_neural()});
  }
  all.push_back({"purchase", save_purchase,
                 [](const std::string& path) { load_purchase_model(path); }, true});
  all.push_back({"language", save_language,
                 [](const std::string& path) { load_language_model(path); }, true});
  for (const TextRow& row : text_rows()) {
    const std::string name(row.name);
    for (const std::string tokens : {"words", "byte-pairs"})
      all.push_back({"text: " + name + " of " + tokens,
                     [=](const std::string& path) { save_text(path, name, tokens); },
                     [](const std::string& path) { load_text_classifier(path); }, row.is_neural()});
  }
  for (const TableRow& row : table_rows()) {
    const std::string name(row.name);
    all.push_back({"table: " + name, [name](const std::string& path) { save_table(path, name); },
                   [](const std::string& path) { load_table_classifier(path); }, row.is_neural()});
    if (row.is_neural())
      all.push_back({"table: numbers, " + name,
                     [name](const std::string& path) { save_table(path, name, "huber"); },
                     [](const std::string& path) { load_table_classifier(path); }, true});
  }
  for (const TreeRow& row : tree_rows()) {
    const std::string name(row.name);
    all.push_back({"trees: " + name, [name](const std::string& path) { save_trees(path, name); },
                   [](const std::string& path) { load_tree_classifier(path); }, row.is_neural()});
  }
  for (const ImageRow& row : image_rows()) {
    const std::string name(row.name);
    all.push_back({"images: " + name, [name](const std::string& path) { save_images(path, name); },
                   [](const std::string& path) { load_image_classifier(path); }, row.is_neural()});
  }
  return all;
}

}  // namespace model_kinds
