import java.io.OutputStream;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.util.Calendar;
import org.apache.pdfbox.cos.COSArray;
import org.apache.pdfbox.cos.COSDictionary;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDResources;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.apache.pdfbox.pdmodel.common.PDStream;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAnnotationWidget;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAppearanceDictionary;
import org.apache.pdfbox.pdmodel.interactive.annotation.PDAppearanceStream;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.SignatureOptions;
import org.apache.pdfbox.pdmodel.interactive.form.PDAcroForm;
import org.apache.pdfbox.pdmodel.interactive.form.PDSignatureField;

/** PDFBox 2 and 3, as its own examples sign: an incremental save, visible by way of a template. */
public final class Main {
    public static void main(String[] arguments) throws Exception {
        Jobs.run(arguments, Main::sign);
    }

    private static void sign(Jobs.Job job) throws Exception {
        if (job.longTerm()) throw new UnsupportedOperationException("no level above T");
        try (PDDocument document = load(job);
                SignatureOptions options = new SignatureOptions();
                OutputStream out = Files.newOutputStream(job.out)) {
            PDSignature signature = new PDSignature();
            signature.setFilter(PDSignature.FILTER_ADOBE_PPKLITE);
            signature.setSubFilter(PDSignature.SUBFILTER_ETSI_CADES_DETACHED);
            signature.setReason("Parakstu");
            signature.setSignDate(Calendar.getInstance());
            if (job.certify > 0) certify(document, signature, job.certify);
            options.setPreferredSignatureSize(16384);
            if (job.visible) {
                options.setVisualSignature(new java.io.ByteArrayInputStream(template(job.left)));
                options.setPage(0);
            }
            document.addSignature(signature, content -> {
                try {
                    return Cms.sign(content, job);
                } catch (Exception fault) {
                    throw new java.io.IOException(fault);
                }
            }, options);
            document.saveIncremental(out);
        }
    }

    private static PDDocument load(Jobs.Job job) throws Exception {
        // Version 3 has a class of its own for loading.
        Class<?> loader;
        try {
            loader = Class.forName("org.apache.pdfbox.Loader");
        } catch (ClassNotFoundException older) {
            loader = PDDocument.class;
        }
        Method load = loader.getMethod(loader == PDDocument.class ? "load" : "loadPDF", byte[].class);
        return (PDDocument) load.invoke(null, (Object) Files.readAllBytes(job.in));
    }

    private static void certify(PDDocument document, PDSignature signature, int permission) {
        COSDictionary parameters = new COSDictionary();
        parameters.setItem(COSName.TYPE, COSName.getPDFName("TransformParams"));
        parameters.setInt(COSName.P, permission);
        parameters.setName(COSName.V, "1.2");
        COSDictionary reference = new COSDictionary();
        reference.setItem(COSName.TYPE, COSName.getPDFName("SigRef"));
        reference.setItem(COSName.getPDFName("TransformMethod"), COSName.getPDFName("DocMDP"));
        reference.setItem(COSName.getPDFName("TransformParams"), parameters);
        COSArray references = new COSArray();
        references.add(reference);
        signature.getCOSObject().setItem(COSName.getPDFName("Reference"), references);
        COSDictionary catalog = document.getDocumentCatalog().getCOSObject();
        COSDictionary permissions = new COSDictionary();
        permissions.setItem(COSName.getPDFName("DocMDP"), signature);
        catalog.setItem(COSName.getPDFName("Perms"), permissions);
        catalog.setNeedToBeUpdated(true);
        permissions.setNeedToBeUpdated(true);
    }

    private static byte[] template(int left) throws Exception {
        try (PDDocument template = new PDDocument();
                java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream()) {
            PDPage page = new PDPage(PDRectangle.A4);
            template.addPage(page);
            PDAcroForm form = new PDAcroForm(template);
            template.getDocumentCatalog().setAcroForm(form);
            PDSignatureField field = new PDSignatureField(form);
            PDAnnotationWidget widget = field.getWidgets().get(0);
            form.getFields().add(field);
            form.setSignaturesExist(true);
            form.setAppendOnly(true);
            widget.setRectangle(new PDRectangle(left, 60, 200, 50));
            PDAppearanceStream stream = new PDAppearanceStream(new PDStream(template).getCOSObject());
            stream.setResources(new PDResources());
            stream.setBBox(new PDRectangle(200, 50));
            try (OutputStream drawing = stream.getCOSObject().createOutputStream()) {
                drawing.write("0.5 w 0 0 1 RG 1 1 198 48 re S".getBytes("US-ASCII"));
            }
            PDAppearanceDictionary appearance = new PDAppearanceDictionary();
            appearance.setNormalAppearance(stream);
            widget.setAppearance(appearance);
            widget.setPage(page);
            page.getAnnotations().add(widget);
            template.save(out);
            return out.toByteArray();
        }
    }
}
