-- One batch onto the stream, each event at most once, and none of an account that was erased.
-- KEYS: stream, ids seen in this window, ids seen in the last one, erased accounts
-- ARGV: most events on the stream, seconds to keep the ids, then per event the digest of its id,
--   its account's tombstone, and itself
-- Returns how many are on the stream, per event 1 (accepted) or 0 (a duplicate), and how many of
-- the accepted were dropped, their account being erased: whoever sent them is told what they would
-- be told of an account nobody knows. Without those when there are too many events already, in
-- which case nothing was taken.
local waiting = redis.call('XLEN', KEYS[1])
if waiting >= tonumber(ARGV[1]) then
    return {waiting}
end
local accepted, dropped = {}, 0
for i = 3, #ARGV, 3 do
    local id = ARGV[i]
    if redis.call('SISMEMBER', KEYS[3], id) == 1 or redis.call('SADD', KEYS[2], id) == 0 then
        accepted[#accepted + 1] = '0'
    else
        accepted[#accepted + 1] = '1'
        if redis.call('SISMEMBER', KEYS[4], ARGV[i + 1]) == 1 then
            dropped = dropped + 1
        else
            redis.call('XADD', KEYS[1], '*', 'e', ARGV[i + 2])
            waiting = waiting + 1
        end
    end
end
redis.call('EXPIRE', KEYS[2], ARGV[2])
return {waiting, table.concat(accepted), dropped}
