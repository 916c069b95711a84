-- Puts folded states in place and acknowledges their events, account by account, in one step.
-- KEYS: stream, then per account its state and its recent events
-- ARGV: group, consumer, ms to keep recent events, most of them, then per account:
--   the state that was read ('' for none), the state to be ('' for the same),
--   how many entries and their ids, how many recent events and these
-- Returns per account: 0 done; 1 the state is another by now; 2 an entry is not ours any more
local stream, group, consumer = KEYS[1], ARGV[1], ARGV[2]
local said, at = {}, 5

local function list()
    local found = {}
    for i = 1, tonumber(ARGV[at]) do
        found[i] = ARGV[at + i]
    end
    at = at + 1 + #found
    return found
end

local function ours(ids)
    for _, id in ipairs(ids) do
        if #redis.call('XPENDING', stream, group, id, id, 1, consumer) == 0 then
            return false
        end
    end
    return true
end

for place = 2, #KEYS, 2 do
    local state, recent = KEYS[place], KEYS[place + 1]
    local read, folded = ARGV[at], ARGV[at + 1]
    at = at + 2
    local ids, events = list(), list()
    if (redis.call('GET', state) or '') ~= read then
        said[#said + 1] = 1
    elseif not ours(ids) then
        said[#said + 1] = 2
    else
        if folded ~= '' then
            redis.call('SET', state, folded)
        end
        if #events > 0 then
            redis.call('RPUSH', recent, unpack(events))
            redis.call('LTRIM', recent, -tonumber(ARGV[4]), -1)
            redis.call('PEXPIRE', recent, ARGV[3])
        end
        redis.call('XACK', stream, group, unpack(ids))
        said[#said + 1] = 0
    end
end
return said
