-- Puts published states in place, except where events came meanwhile.
-- KEYS: per account its state and its recent events
-- ARGV: per account the last recent event that was read ('' for none), and the state to be
-- Returns per account: 1 written; 0 there is a newer event, so read again
local said = {}
for i = 1, #KEYS, 2 do
    local fresh = (redis.call('LINDEX', KEYS[i + 1], -1) or '') == ARGV[i]
    if fresh then
        redis.call('SET', KEYS[i], ARGV[i + 1])
    end
    said[#said + 1] = fresh and 1 or 0
end
return said
