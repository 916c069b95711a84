-- Events whose effect is there at once: the state, and the events on the stream, in one step.
-- KEYS: stream, ids seen in this window, ids seen in the last one, erased accounts, then the
--   account's state and its recent events
-- ARGV: seconds to keep the ids, ms to keep recent events, most of them, the account's tombstone,
--   the state that was read, the state to be, then the digest of its id and the event in turn
-- Returns -1 done; -2 the state is another by now; -3 the account was erased; otherwise nothing
--   was done because an event was taken before: its place, from 0
local stream, now, before, state, recent = KEYS[1], KEYS[2], KEYS[3], KEYS[5], KEYS[6]
if redis.call('SISMEMBER', KEYS[4], ARGV[4]) == 1 then
    return -3
end
if (redis.call('GET', state) or '') ~= ARGV[5] then
    return -2
end
for i = 7, #ARGV, 2 do
    if redis.call('SISMEMBER', before, ARGV[i]) == 1 or redis.call('SISMEMBER', now, ARGV[i]) == 1 then
        return (i - 7) / 2
    end
end
redis.call('SET', state, ARGV[6])
for i = 7, #ARGV, 2 do
    redis.call('SADD', now, ARGV[i])
    redis.call('XADD', stream, '*', 'e', ARGV[i + 1], 'folded', '1')
    if redis.call('RPUSH', recent, ARGV[i + 1]) > tonumber(ARGV[3]) then
        redis.call('LTRIM', recent, -ARGV[3], -1)
    end
end
redis.call('EXPIRE', now, ARGV[1])
redis.call('PEXPIRE', recent, ARGV[2])
return -1
