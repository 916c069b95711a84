-- Puts published states in place, except where events came meanwhile.
-- KEYS: erased accounts, then per account its state and its recent events
-- ARGV: per account the last recent event that was read ('' for none), the SHA-1 of the state that
--   was ('' for none), the state to be, and its tombstone
-- Returns per account: 1 written; 0 there is something newer, so read again; 2 it was erased
local said = {}
for i = 2, #KEYS, 2 do
    local at = (i - 2) / 2 * 4 + 1
    local state = redis.call('GET', KEYS[i])
    local fresh = (redis.call('LINDEX', KEYS[i + 1], -1) or '') == ARGV[at]
        and (state and redis.sha1hex(state) or '') == ARGV[at + 1]
    if redis.call('SISMEMBER', KEYS[1], ARGV[at + 3]) == 1 then
        said[#said + 1] = 2
    else
        if fresh then
            redis.call('SET', KEYS[i], ARGV[at + 2])
        end
        said[#said + 1] = fresh and 1 or 0
    end
end
return said
