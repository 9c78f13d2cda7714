select
    source_stream_id,
    source,
    stream,
    last_landed_at,
    rejected_rows
from rpt_source_freshness
order by source_stream_id
