-- wrk asks about another account each time: ids are read from a file, one a line, and each thread
-- walks through them from its own starting point.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  local before, after = wrk.path:match("^(.*)ACCOUNT(.*)$")
  requests = {}
  for id in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", before .. id .. after)
  end
  at = math.floor(#requests * number / tonumber(args[2]))
end

function request()
  at = at % #requests + 1
  return requests[at]
end
