-- Sites that have sent nothing for an hour, the longest silent first.
SELECT observer_name AS site, max(received_at) AS last_received, max(timestamp) AS last_record
FROM wifilogger.flows
WHERE timestamp >= now() - INTERVAL 7 DAY
GROUP BY site
HAVING last_received < now() - INTERVAL 1 HOUR
ORDER BY last_received;
