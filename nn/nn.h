// All layers.
#pragma once
