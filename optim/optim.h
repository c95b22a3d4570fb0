// All optimizers.
#pragma once

#include <tapegrad/optim/adagrad.h>
#include <tapegrad/optim/adam.h>
#include <tapegrad/optim/clip.h>
#include <tapegrad/optim/exponential_moving_average.h>
#include <tapegrad/optim/optimizer.h>
#include <tapegrad/optim/rmsprop.h>
#include <tapegrad/optim/schedule.h>
#include <tapegrad/optim/sgd.h>
#include <tapegrad/optim/soft_threshold.h>
