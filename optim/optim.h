// All optimizers.
#pragma once
