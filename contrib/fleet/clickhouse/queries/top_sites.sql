-- How much each site moved in the last 24 hours.
SELECT site, sum(up_bytes) AS up_bytes, sum(down_bytes) AS down_bytes, sum(flows) AS flows, uniqExact(device) AS devices
FROM wifilogger.site_hours FINAL
WHERE hour >= now() - INTERVAL 24 HOUR
GROUP BY site
ORDER BY up_bytes + down_bytes DESC
LIMIT 100;
