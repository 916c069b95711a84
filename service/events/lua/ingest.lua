-- One batch onto the stream, each event at most once, and none of an account that was erased.
-- KEYS: stream, ids seen in this window, ids seen in the last one, erased accounts
-- ARGV: most events on the stream, seconds to keep the ids, then the digests of all ids, then as
--   many tombstones of their accounts, then as many events
-- Returns how many are on the stream, per event 1 (accepted) or 0 (a duplicate), and how many of
-- the accepted were dropped, their account being erased: whoever sent them is told what they would
-- be told of an account nobody knows. Without those when there are too many events already, in
-- which case nothing was taken.
local waiting = redis.call('XLEN', KEYS[1])
if waiting >= tonumber(ARGV[1]) then
    return {waiting}
end
local count = (#ARGV - 2) / 3
local accepted, dropped = {}, 0
for first = 3, count + 2, 2000 do -- Lua cannot pass all of a large batch at once
    local last = math.min(first + 1999, count + 2)
    local before = redis.call('SMISMEMBER', KEYS[3], unpack(ARGV, first, last))
    local erased = redis.call('SMISMEMBER', KEYS[4], unpack(ARGV, first + count, last + count))
    for i = first, last do
        if before[i - first + 1] == 1 or redis.call('SADD', KEYS[2], ARGV[i]) == 0 then
            accepted[#accepted + 1] = '0'
        else
            accepted[#accepted + 1] = '1'
            if erased[i - first + 1] == 1 then
                dropped = dropped + 1
            else
                redis.call('XADD', KEYS[1], '*', 'e', ARGV[i + 2 * count])
                waiting = waiting + 1
            end
        end
    end
end
redis.call('EXPIRE', KEYS[2], ARGV[2])
return {waiting, table.concat(accepted), dropped}
