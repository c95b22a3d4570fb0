// Questions with known answers, and which of them is nearest to another question.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <tapegrad/apps/data/features.h>

namespace tapegrad::apps {

class KnownAnswers {
 public:
  // A question as a sparse row of norm 1; empty where nothing is known of its words.
  using Embed = std::function<std::vector<FeatureEntry>(const std::string&)>;

  // Question i has answer i.
  KnownAnswers(std::vector<std::string> questions, std::vector<std::string> answers, Embed embed);

  struct Found {
    Index question = 0;  // by its number
    double similarity = 0.0;
  };
  // Of the nearest questions, by the cosine of their rows, the first with each answer, at most
  // `count`; of equal ones that with the lower number first.
  std::vector<Found> nearest(const std::string& question, std::size_t count) const;

  const std::string& question(Index i) const { return questions_[static_cast<std::size_t>(i)]; }
  const std::string& answer(Index i) const { return answers_[static_cast<std::size_t>(i)]; }

  // A similarity below which no answer is given.
  struct Threshold {
    double similarity = 0.0;
    Index asked = 0, answered = 0, right = 0;  // of the questions that it was chosen by
  };
  // Asks each question of the others, which is right where the nearest has the same answer, and
  // takes the least threshold for which the part of right answers among those given is `precision`
  // or more; the one with the most right answers where there is none. Nothing where fewer than ten
  // questions share their answer with another.
  std::optional<Threshold> choose_threshold(double precision) const;

 private:
  // The cosine with each question.
  std::vector<double> similarities(const std::vector<FeatureEntry>& row) const;

  std::vector<std::string> questions_, answers_;
  Embed embed_;
  std::vector<std::vector<FeatureEntry>> rows_;
  struct Posting {
    Index question = 0;
    float value = 0.0F;
  };
  std::vector<std::vector<Posting>> postings_;  // by place
};

// TF-IDF of words, of pairs of words and of parts of words, learnt from the questions.
KnownAnswers::Embed count_words_of(const std::vector<std::string>& questions);

}  // namespace tapegrad::apps
