-- One batch onto the stream, each event at most once.
-- KEYS: stream, ids seen in this window, ids seen in the last one
-- ARGV: most events on the stream, seconds to keep the ids, then id and event in turn
-- Returns how many are on the stream, and per event 1 (accepted) or 0 (a duplicate);
-- without those when there are too many already, in which case nothing was taken.
local waiting = redis.call('XLEN', KEYS[1])
if waiting >= tonumber(ARGV[1]) then
    return {waiting}
end
local accepted = {}
for i = 3, #ARGV, 2 do
    local id = ARGV[i]
    if redis.call('SISMEMBER', KEYS[3], id) == 1 or redis.call('SADD', KEYS[2], id) == 0 then
        accepted[#accepted + 1] = '0'
    else
        redis.call('XADD', KEYS[1], '*', 'e', ARGV[i + 1])
        accepted[#accepted + 1] = '1'
        waiting = waiting + 1
    end
end
redis.call('EXPIRE', KEYS[2], ARGV[2])
return {waiting, table.concat(accepted)}
