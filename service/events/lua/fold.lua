-- Puts folded states in place and acknowledges their events, account by account, in one step. What
-- became of the account's alerts is logged in the same step, so it is told once or not at all.
-- KEYS: stream, erased accounts, bell, due accounts, webhooks, then per account its state and its
--   recent events, then the logs of those alerts that changed
-- ARGV: group, consumer, ms to keep recent events, most of them, ms to keep a log, most of its
--   entries, then the accounts in MessagePack, an array of each: its id, its tombstone, the state
--   that was read ('' for none), the state to be ('' for the same), when its alerts turn ('' for
--   never), and four lists, nil when empty: ids of entries, recent events, changes of alerts, and
--   deliveries of these, each after the instant from which it may be sent
-- Returns per account: 0 done; 1 the state is another by now; 2 an entry was done by somebody else
local stream, erased, bell, due, webhooks = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local group, consumer = ARGV[1], ARGV[2]
local most, most_logged = tonumber(ARGV[4]), ARGV[6]
local accounts = cmsgpack.unpack(ARGV[7])

-- One command for many words: what Lua can pass at once is limited, and a pair is never cut.
local function in_parts(words, command)
    for first = 1, #words, 4000 do
        command(unpack(words, first, math.min(first + 3999, #words)))
    end
end

-- All the ids, or none of them: what was acknowledged in vain is put back.
local function acknowledged(ids)
    for i, id in ipairs(ids) do
        if redis.call('XACK', stream, group, id) == 0 then
            for back = 1, i - 1 do
                redis.call('XCLAIM', stream, group, consumer, 0, ids[back], 'FORCE', 'JUSTID')
            end
            return false
        end
    end
    return true
end

local states, tombstones = {}, {}
for place, account in ipairs(accounts) do
    states[place], tombstones[place] = KEYS[2 * place + 4], account[2]
end
local now = redis.call('MGET', unpack(states))
local gone = redis.call('SMISMEMBER', erased, unpack(tombstones))

-- Who is done has its state at once: nothing that can fail comes between that and its entries.
local said, done, puts, quiet, turning = {}, {}, {}, {}, {}
for place, account in ipairs(accounts) do
    local name, _, read, folded, turns, ids = unpack(account, 1, 6)
    said[place] = 0
    if gone[place] == 1 then
        if ids then
            redis.call('XACK', stream, group, unpack(ids))
            redis.call('XDEL', stream, unpack(ids))
        end
        quiet[#quiet + 1] = name
    elseif (now[place] or '') ~= read then
        said[place] = 1
    elseif ids and not acknowledged(ids) then
        said[place] = 2
    else
        done[place] = true
        if folded ~= '' then
            puts[#puts + 1], puts[#puts + 2] = states[place], folded
        end
        if turns == '' then
            quiet[#quiet + 1] = name
        else
            turning[#turning + 1], turning[#turning + 2] = turns, name
        end
    end
end
in_parts(puts, function(...) redis.call('MSET', ...) end)
in_parts(quiet, function(...) redis.call('ZREM', due, ...) end)
in_parts(turning, function(...) redis.call('ZADD', due, ...) end)

local log = 5 + 2 * #accounts
for place, account in ipairs(accounts) do
    local events, changes, deliveries = account[7], account[8], account[9]
    if changes then
        log = log + 1
    end
    if done[place] and events then
        local recent = KEYS[2 * place + 5]
        if redis.call('RPUSH', recent, unpack(events)) > most then
            redis.call('LTRIM', recent, -most, -1)
        end
        redis.call('PEXPIRE', recent, ARGV[3])
    end
    if done[place] and changes then
        for _, change in ipairs(changes) do
            redis.call('XADD', KEYS[log], 'MAXLEN', most_logged, '*', 'c', change)
        end
        redis.call('PEXPIRE', KEYS[log], ARGV[5])
        redis.call('XADD', bell, 'MAXLEN', '~', 10000, '*', 'a', account[1])
    end
    if done[place] and deliveries then
        in_parts(deliveries, function(...) redis.call('ZADD', webhooks, ...) end)
    end
end
return said
