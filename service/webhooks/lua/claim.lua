-- Takes a delivery that is due, and keeps it from others while it is being sent. What is due goes
-- to a queue of its address first, so that whoever answers slowly is waited for only there.
-- KEYS: deliveries that wait, addresses that have a queue, what the names of the queues begin with
-- ARGV: now, until when it is kept from others (seconds both), how many of one address may be under
--   way, how many may be moved to queues, then the addresses that are listed
-- Returns the address and the delivery; an empty list when more is to be moved first; nothing when
-- none is due, or whoever it is for has enough under way. What cannot be read is for address ''.
local waiting, addresses, queue_of = KEYS[1], KEYS[2], KEYS[3]
local now, kept, most, moves = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

local due = redis.call('ZRANGEBYSCORE', waiting, '-inf', now, 'WITHSCORES', 'LIMIT', 0, moves)
for i = 1, #due, 2 do
    local read, delivery = pcall(cjson.decode, due[i])
    local url = read and type(delivery) == 'table' and delivery.url
    local address = type(url) == 'string' and url or ''
    redis.call('SADD', addresses, address)
    redis.call('ZADD', queue_of .. address, due[i + 1], due[i])
    redis.call('ZREM', waiting, due[i])
end

local listed = {}
for i = 5, #ARGV do
    listed[ARGV[i]] = true
end

-- who has the fewest under way comes first, and of these who waits longest
local address, delivery, fewest, since
for _, one in ipairs(redis.call('SMEMBERS', addresses)) do
    local first = redis.call('ZRANGE', queue_of .. one, 0, 0, 'WITHSCORES')
    if #first == 0 then
        redis.call('SREM', addresses, one)
    elseif tonumber(first[2]) <= tonumber(now) then
        -- what is on a queue was due, so what is not due now is kept by somebody who sends it
        local under_way = redis.call('ZCOUNT', queue_of .. one, '(' .. now, '+inf')
        local score = tonumber(first[2])
        local may = under_way < most or not listed[one]
        if may and (not fewest or under_way < fewest
                or (under_way == fewest and score < since)) then
            address, delivery, fewest, since = one, first[1], under_way, score
        end
    end
end
if delivery then
    redis.call('ZADD', queue_of .. address, kept, delivery)
    return {address, delivery}
end
if #due == 2 * moves then
    return {}
end
return false
