"""Makes the recognition model that lies in src/local/textract/models from PyPI's: its large convolutions compute with integers of 8 bits.

    pip download --no-deps rapidocr==3.10.0 && unzip rapidocr-*.whl 'rapidocr/models/*'
    pip install onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6 pillow
    python scripts/quantize-recognition.py rapidocr/models/PP-OCRv6_rec_small.onnx PP-OCRv6_rec_small.int8.onnx

The ranges of the activations come from lines that are drawn here, with the fonts DejaVu, Noto and Noto CJK of the machine. What is not
among integers is stored in half precision; the server makes it single precision when it loads the model. docs/decisions/0050 has the figures.
"""

import io
import random
import subprocess
import sys
import tempfile

import numpy
import onnx
from onnx import helper, numpy_helper, version_converter
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantType
from onnxruntime.quantization.calibrate import create_calibrator
from onnxruntime.quantization.qdq_quantizer import QDQQuantizer
from onnxruntime.quantization.shape_inference import quant_pre_process
from PIL import Image, ImageDraw, ImageFilter, ImageFont

LINE_HEIGHT = 48
LINE_WIDTH = 400
LINES = 90
# Beyond this percentile an activation is cut off: rare peaks would cost all others their precision.
PERCENTILE = 99.99
FEWEST_CHANNELS = 64
# Convolutions over one pixel or over pooled rows cost nothing, and those before the sequence part, at the end, lose the most.
KEPT_SHAPES = [(24, 96), (48, 192), (96, 384), (384, 96), (120, 384), (384, 384), (384, 768)]
SMALLEST_HALF = 64

WORDS = """Invoice total amount due Rechnung Würde Größe Änderung Straße Maße montant facture été à règlement señor Núñez próximo già società
più questa bedrag niet één são não então łódź żółw źdźbło Café Latte Cappuccino Tea Milk Bread Receipt Store Street Ave Cash Change Tax
Subtotal Visa Debit APPROVED THANK YOU PLEASE COME AGAIN Order Table Guest Server Date Time Tel No. Item Qty Price""".split()


def number():
    digits = random.randint
    return random.choice(
        [
            f"{digits(0, 999)}.{digits(0, 99):02d}",
            f"${digits(0, 99)}.{digits(0, 99):02d}",
            f"{digits(0, 99)},{digits(0, 99):02d} €",
            f"{digits(1, 12):02d}/{digits(1, 31):02d}/{digits(2015, 2026)}",
            f"({digits(100, 999)}) {digits(100, 999)}-{digits(0, 9999):04d}",
            f"#{digits(1000, 999999)}",
            f"{digits(1, 99)}%",
        ]
    )


def text(letters):
    """A line's text, and whether it is Chinese or Japanese."""
    kind = random.random()
    if kind < 0.18:
        alphabets = ["han"] if kind < 0.12 else ["han", "kana", "kana"]
        return "".join(random.choice(letters[random.choice(alphabets)]) for _ in range(random.randint(3, 18))), True
    line = " ".join(random.choice([random.choice(WORDS), number()]) for _ in range(random.randint(1, 6)))
    return random.choice([line, line, line.upper(), line.capitalize()]), False


def fonts(language):
    listed = subprocess.run(["fc-list", f":lang={language}", "file"], capture_output=True, text=True, check=True).stdout
    files = sorted({line.rstrip(": ") for line in listed.splitlines()})
    return [file for file in files if ("DejaVu" in file or "Noto" in file) and "Math" not in file]


def draw(line, font, size):
    """A line as a camera or scanner sees it: shaded, noisy, blurred, a little tilted, compressed."""
    left, top, right, bottom = font.getbbox(line)
    margin = max(1, int(size * random.uniform(0.02, 0.3)))
    paper, ink = random.randint(150, 255), random.randint(0, 110)
    if random.random() < 0.08:
        paper, ink = ink, paper
    image = Image.new("RGB", (right - left + 2 * margin, bottom - top + 2 * margin), (paper,) * 3)
    ImageDraw.Draw(image).text((margin - left, margin - top), line, font=font, fill=(ink,) * 3)
    if random.random() < 0.4:
        image = image.rotate(random.uniform(-2, 2), resample=Image.BICUBIC, fillcolor=(paper,) * 3)
    if random.random() < 0.5:
        image = image.filter(ImageFilter.GaussianBlur(random.uniform(0.2, size / 16)))
    pixels = numpy.asarray(image).astype(numpy.float32)
    if random.random() < 0.5:
        pixels += numpy.linspace(-random.uniform(0, 60), random.uniform(0, 40), pixels.shape[1])[None, :, None]
    pixels += numpy.random.normal(0, random.uniform(0, 12), pixels.shape)
    file = io.BytesIO()
    Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8)).save(file, "JPEG", quality=random.randint(35, 95))
    image = Image.open(file)
    width = max(16, min(LINE_WIDTH, round(image.width * LINE_HEIGHT / image.height)))
    planes = numpy.zeros((1, 3, LINE_HEIGHT, LINE_WIDTH), numpy.float32)
    scaled = numpy.asarray(image.resize((width, LINE_HEIGHT), Image.BILINEAR))[:, :, ::-1].astype(numpy.float32)
    planes[0, :, :, :width] = (scaled / 127.5 - 1).transpose(2, 0, 1)
    return planes


def lines(alphabet):
    random.seed(7)
    numpy.random.seed(7)
    letters = {
        "han": [letter for letter in alphabet if len(letter) == 1 and "\u4e00" <= letter <= "\u9fff"],
        "kana": [letter for letter in alphabet if len(letter) == 1 and "\u3041" <= letter <= "\u30fa"],
    }
    files = {False: fonts("de"), True: fonts("zh-cn")}
    while True:
        line, is_east_asian = text(letters)
        size = random.choice([12, 16, 20, 24, 30, 36, 44])
        font = ImageFont.truetype(random.choice(files[is_east_asian]), size)
        box = font.getbbox(line)
        if box[2] - box[0] > 2 and box[3] - box[1] > 2:
            yield draw(line, font, size)


def fuse_gelu(model):
    """x · (1 + erf(x / √2)) / 2 as one operator: five passes less over the widest activations."""
    makers = {output: node for node in model.graph.node for output in node.output}
    takers = {}
    for node in model.graph.node:
        for name in node.input:
            takers.setdefault(name, []).append(node)
    removed = set()
    for erf in [node for node in model.graph.node if node.op_type == "Erf"]:
        quotient = makers[erf.input[0]]
        total = takers[erf.output[0]][0]
        product = takers[total.output[0]][0]
        half = takers[product.output[0]][0]
        assert [quotient.op_type, total.op_type, product.op_type, half.op_type] == ["Div", "Add", "Mul", "Mul"]
        removed |= {quotient.name, erf.name, total.name, product.name}
        half.op_type, half.domain = "Gelu", "com.microsoft"
        half.input[:] = [quotient.input[0]]
    kept = [node for node in model.graph.node if node.name not in removed]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))


def chosen(model):
    """Convolutions of one pixel with many channels: most of the time is spent in them."""
    shapes = {constant.name: tuple(constant.dims) for constant in model.graph.initializer}
    names = []
    for node in model.graph.node:
        shape = shapes.get(node.input[1], ()) if node.op_type == "Conv" else ()
        if shape[2:] == (1, 1) and shape[1] >= FEWEST_CHANNELS and shape[:2] not in KEPT_SHAPES:
            names.append(node.name)
    return names


def calibrate(file, samples):
    class Reader(CalibrationDataReader):
        def get_next(self):
            sample = next(samples, None)
            return None if sample is None else {"x": sample}

    calibrator = create_calibrator(
        file, ["Conv"], f"{file}.calibrated", CalibrationMethod.Percentile, extra_options={"percentile": PERCENTILE}
    )
    calibrator.collect_data(Reader())
    return calibrator.compute_data()


def main(source, target):
    original = onnx.load(source)
    properties = {entry.key: entry.value for entry in original.metadata_props}
    with tempfile.TemporaryDirectory() as folder:
        onnx.save(version_converter.convert_version(original, 17), f"{folder}/newer.onnx")
        quant_pre_process(f"{folder}/newer.onnx", f"{folder}/prepared.onnx", skip_symbolic_shape=True)
        model = onnx.load(f"{folder}/prepared.onnx")
        for index, node in enumerate(model.graph.node):
            node.name = f"{node.op_type} {index}"
        fuse_gelu(model)
        onnx.save(model, f"{folder}/fused.onnx")
        drawn = lines(properties["character"].split("\n"))
        ranges = calibrate(f"{folder}/fused.onnx", (next(drawn) for _ in range(LINES)))
    quantizer = QDQQuantizer(
        model, True, False, QuantType.QInt8, QuantType.QUInt8, ranges, chosen(model), [], ["Conv"], {"WeightSymmetric": True}
    )
    quantizer.quantize_model()
    result = quantizer.model.model
    for constant in result.graph.initializer:
        if constant.data_type == onnx.TensorProto.FLOAT and numpy.prod(constant.dims) >= SMALLEST_HALF and not constant.name.endswith("_scale"):
            constant.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(constant).astype(numpy.float16), constant.name))
    del result.graph.value_info[:]
    del result.metadata_props[:]
    helper.set_model_props(result, {"character": properties["character"]})
    onnx.save(result, target)


main(*sys.argv[1:])
