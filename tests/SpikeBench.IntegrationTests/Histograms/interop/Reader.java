// Java's own reader on a log of ours: a line per interval, numbers only.
//
// usage: java -cp hdrhistogram.jar Reader.java LOG
import java.io.File;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;

public class Reader {
    public static void main(String[] args) throws Exception {
        HistogramLogReader log = new HistogramLogReader(new File(args[0]));
        EncodableHistogram next;
        while ((next = log.nextIntervalHistogram()) != null) {
            Histogram h = (Histogram) next;
            System.out.println((h.getTag() == null ? "" : h.getTag()) + "," + h.getStartTimeStamp() + "," + (h.getEndTimeStamp() - h.getStartTimeStamp())
                + "," + h.getTotalCount() + "," + h.getValueAtPercentile(50) + "," + h.getValueAtPercentile(99) + "," + h.getValueAtPercentile(99.9)
                + "," + h.getMaxValue() + "," + Long.toHexString(Double.doubleToLongBits(h.getMean())));
        }
    }
}
