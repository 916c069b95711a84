-- Puts folded states in place and acknowledges their events, account by account, in one step.
-- KEYS: stream, erased accounts, then per account its state and its recent events
-- ARGV: group, consumer, ms to keep recent events, most of them, then per account:
--   its tombstone, the state that was read ('' for none), the state to be ('' for the same),
--   how many entries and their ids, how many recent events and these
-- Returns per account: 0 done; 1 the state is another by now; 2 an entry was done by somebody else
local stream, group, consumer = KEYS[1], ARGV[1], ARGV[2]
local most = tonumber(ARGV[4])

-- All the ids, or none of them: what was acknowledged in vain is put back.
local function acknowledged(first, last)
    for i = first, last do
        if redis.call('XACK', stream, group, ARGV[i]) == 0 then
            for back = first, i - 1 do
                redis.call('XCLAIM', stream, group, consumer, 0, ARGV[back], 'FORCE', 'JUSTID')
            end
            return false
        end
    end
    return true
end

local said, at = {}, 5
for place = 3, #KEYS, 2 do
    local state, recent = KEYS[place], KEYS[place + 1]
    local tombstone, read, folded = ARGV[at], ARGV[at + 1], ARGV[at + 2]
    local first = at + 4
    local last = at + 3 + ARGV[at + 3]
    local events = last + 2
    at = last + 2 + ARGV[last + 1]
    if redis.call('SISMEMBER', KEYS[2], tombstone) == 1 then
        redis.call('XACK', stream, group, unpack(ARGV, first, last))
        redis.call('XDEL', stream, unpack(ARGV, first, last))
        said[#said + 1] = 0
    elseif (redis.call('GET', state) or '') ~= read then
        said[#said + 1] = 1
    elseif not acknowledged(first, last) then
        said[#said + 1] = 2
    else
        if folded ~= '' then
            redis.call('SET', state, folded)
        end
        if events < at then
            if redis.call('RPUSH', recent, unpack(ARGV, events, at - 1)) > most then
                redis.call('LTRIM', recent, -most, -1)
            end
            redis.call('PEXPIRE', recent, ARGV[3])
        end
        said[#said + 1] = 0
    end
end
return said
