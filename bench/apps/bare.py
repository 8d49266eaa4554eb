"""Flask with an answer that never changes: it reads nothing, logs nothing, counts nothing."""

from flask import Flask, Response

app = Flask(__name__)

_ANSWER = (
    b'{"label":"Somewhat Positive","level":3,"polarity":0.387214,"probabilities":{"Negative":0.024871,'
    b'"Somewhat Negative":0.083926,"Neutral":0.189542,"Somewhat Positive":0.497013,"Positive":0.204648},'
    b'"model":"sentiment","version":1}'
)


@app.post("/v1/predict")
def predict() -> Response:
    """Answer without a look at the request."""
    return Response(_ANSWER, content_type="application/json")
