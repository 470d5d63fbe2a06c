-- Names that nobody in the fleet had reached before the last 24 hours: when, where first, at how many sites.
SELECT
    name,
    min(first_seen) AS first_at,
    argMin(site, first_seen) AS first_site,
    uniqExact(site) AS sites,
    sum(up_bytes) + sum(down_bytes) AS bytes
FROM wifilogger.name_days FINAL
WHERE name NOT IN ('', 'unknown')
GROUP BY name
HAVING first_at >= now() - INTERVAL 24 HOUR
ORDER BY sites DESC, first_at
LIMIT 1000;
