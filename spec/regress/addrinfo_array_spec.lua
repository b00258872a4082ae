-- An unspecified family stayed so in an Addrinfo made of an array, and let an
-- address of another family than the array's pass. A protocol without a type
-- is one of datagrams, as in Ruby.

local Addrinfo = require("socket").Addrinfo

local ARRAY = { "AF_INET", 80, nil, "127.0.0.1" }

describe("an Addrinfo made of an array", function()
  it("has the array's family where none is given", function()
    assert.equal(2, Addrinfo.new(ARRAY, "UNSPEC"):pfamily())
    assert.equal(2, Addrinfo.new(ARRAY):pfamily())
  end)

  it("has an address of the array's family", function()
    local array = { "AF_INET6", 80, nil, "127.0.0.1" }
    local addrinfo, err = Addrinfo.new(array, "UNSPEC")
    assert.is_nil(addrinfo)
    assert.equal("EAI_ADDRFAMILY", err.code)
  end)

  it("needs a type for a protocol that has no datagrams", function()
    assert.equal(17, Addrinfo.new(ARRAY, nil, nil, "UDP"):protocol())
    assert.equal(6, Addrinfo.new(ARRAY, nil, "STREAM", "TCP"):protocol())
    local addrinfo, err = Addrinfo.new(ARRAY, nil, nil, "TCP")
    assert.is_nil(addrinfo)
    assert.equal("EAI_SOCKTYPE", err.code)
  end)
end)
