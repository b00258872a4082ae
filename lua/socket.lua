-- The module's first name.

return require "sockeye"
