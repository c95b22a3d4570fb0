// The models of texts: what the commands know of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <tapegrad/apps/classification/classifier_row.h>
#include <tapegrad/apps/classification/counted_text.h>
#include <tapegrad/apps/classification/text_encoder.h>
#include <tapegrad/apps/classification/text_network.h>
#include <tapegrad/apps/models/registry_rows.h>

namespace tapegrad::apps {

struct TextRow : ClassifierRow {
  // Makes a network: `vocabulary` is the width of the encoder, `outputs` that of the last layer.
  std::unique_ptr<TextNetwork> (*make)(const ModelSettings& settings, const Scope& scope,
                                       Index vocabulary, Index outputs) = nullptr;
};

const std::vector<TextRow>& text_rows();
// Throws OptionError, which lists the names, for a name that no row has.
const TextRow& text_row(const std::string& name);

// Throws OptionError for settings that do not go together.
void check_settings(const TextRow& row, const ModelSettings& settings);

// Of a network.
TextEncoderOptions encoder_options(const TextRow& row, const ModelSettings& settings);

// Of a model of counts.
CountedText::Options counted_options(const std::string& name, const ModelSettings& settings);

}  // namespace tapegrad::apps
